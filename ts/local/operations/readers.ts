import { ServiceException, type ExceptionType } from '../exceptions.js';
import type { LocalStream, StreamUser } from '../streams/stream.js';

/** How many may read a stream in one way at a time, and how the next one is refused. */
export interface ReaderLimit {
  readonly connections: number;
  readonly exception: ExceptionType;
}

/** Does `work` as one of the users of `stream`. Throws ServiceException when there are too many. */
export async function whileReading(
  stream: LocalStream,
  reader: StreamUser,
  limit: ReaderLimit,
  work: () => Promise<void>,
): Promise<void> {
  const count = [...stream.users].filter((user) => user.kind === reader.kind).length;
  if (count >= limit.connections) {
    const operation = reader.kind.charAt(0).toUpperCase() + reader.kind.slice(1);
    throw new ServiceException(
      limit.exception,
      `The stream '${stream.record.streamName}' has ${count} ${operation} connections; at most ${limit.connections} are allowed.`,
    );
  }
  stream.users.add(reader);
  try {
    await work();
  } finally {
    stream.users.delete(reader);
  }
}
