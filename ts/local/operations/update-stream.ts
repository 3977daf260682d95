import { DEVICE_NAME, MEDIA_TYPE, streamOf, VERSION } from './members.js';
import type { Operation } from './operation.js';

/** UpdateStream: changes the names of the device and of the media type that are given. */
export const updateStream: Operation = {
  path: '/updateStream',
  async handle({ input, service }) {
    const version = input.required('CurrentVersion', input.text('CurrentVersion', VERSION));
    const deviceName = input.text('DeviceName', DEVICE_NAME);
    const mediaType = input.text('MediaType', MEDIA_TYPE);
    const stream = streamOf(input, service.streams);
    stream.requireChangeable(version);
    await stream.update((record) => {
      record.deviceName = deviceName ?? record.deviceName;
      record.mediaType = mediaType ?? record.mediaType;
    });
    service.streams.beginUpdate(stream);
    return {};
  },
};
