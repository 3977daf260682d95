import { STREAM_ARN, VERSION } from './members.js';
import type { Operation } from './operation.js';

/** DeleteStream: takes the ARN only, so that it never deletes a later stream of the same name. */
export const deleteStream: Operation = {
  path: '/deleteStream',
  async handle({ input, service }) {
    const arn = input.required('StreamARN', input.text('StreamARN', STREAM_ARN));
    const stream = service.streams.get({ arn });
    stream.requireChangeable(input.text('CurrentVersion', VERSION));
    await service.streams.delete(stream);
    return {};
  },
};
