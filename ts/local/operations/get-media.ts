import { GetMediaSession } from '../media/get-media-session.js';
import { readStartSelector } from '../media/start-selector.js';
import { streamOf } from './members.js';
import type { Operation } from './operation.js';
import { whileReading, type ReaderLimit } from './readers.js';

const LIMIT: ReaderLimit = { connections: 3, exception: 'ConnectionLimitExceededException' };

/** GetMedia: fragments one after the other as Matroska, and on with live ones. */
export const getMedia: Operation = {
  path: '/getMedia',
  async handle({ input, service, exchange }) {
    const selector = input.required('StartSelector', input.object('StartSelector'));
    const stream = streamOf(input, service.streams);
    stream.requireActive();
    stream.enforceRetention();
    const start = readStartSelector(selector, stream);
    const session = new GetMediaSession(exchange, stream, service);
    await whileReading(stream, session, LIMIT, () => session.run(start));
    return undefined;
  },
};
