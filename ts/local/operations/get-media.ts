import { ServiceException } from '../exceptions.js';
import { GetMediaSession } from '../media/get-media-session.js';
import { readStartSelector } from '../media/start-selector.js';
import { streamOf } from './members.js';
import type { Operation } from './operation.js';

const MAX_CONNECTIONS = 3;

/** GetMedia: fragments one after the other as Matroska, and on with live ones. */
export const getMedia: Operation = {
  path: '/getMedia',
  async handle({ input, service, exchange }) {
    const selector = input.required('StartSelector', input.object('StartSelector'));
    const stream = streamOf(input, service.streams);
    stream.requireActive();
    stream.enforceRetention();
    const start = readStartSelector(selector, stream.fragments);
    const readers = [...stream.users].filter((user) => user.kind === 'getMedia').length;
    if (readers >= MAX_CONNECTIONS) {
      throw new ServiceException(
        'ConnectionLimitExceededException',
        `The stream '${stream.record.streamName}' has ${readers} GetMedia connections; at most ${MAX_CONNECTIONS} are allowed.`,
      );
    }
    const session = new GetMediaSession(exchange, stream, service);
    stream.users.add(session);
    try {
      await session.run(start);
    } finally {
      stream.users.delete(session);
    }
    return undefined;
  },
};
