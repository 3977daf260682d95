import type { Socket } from 'node:net';

/** How long (ms) a failed write waits for what the peer has sent before it gave up. */
const READ_GRACE = 1000;

/**
 * Makes a failed write wait until what the peer had sent is read, at most a second.
 *
 * A server that refuses a request, or ends an upload with an ERROR acknowledgement, says why and
 * then resets the connection since it does not read the rest. A write that hits the reset makes
 * Node destroy the socket with the reason still unread in the system's buffer.
 */
export function readBeforeWriteErrors(socket: Socket): void {
  type Callback = (error?: Error | null) => void;
  const hold =
    (callback: Callback): Callback =>
    (error) => {
      if (!error || socket.destroyed || socket.readableEnded) {
        callback(error);
        return;
      }
      const release = (): void => {
        clearTimeout(timer);
        socket.off('end', release).off('close', release);
        callback(error);
      };
      const timer = setTimeout(release, READ_GRACE);
      socket.once('end', release).once('close', release);
    };

  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  socket._write = (chunk, encoding, callback) => {
    write(chunk, encoding, hold(callback));
  };
  if (writev !== undefined) {
    socket._writev = (chunks, callback) => {
      writev(chunks, hold(callback));
    };
  }
}
