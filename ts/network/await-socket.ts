import type { Socket } from 'node:net';

/**
 * Waits until `socket` emits `event`. Rejects with the signal's reason or the socket's error, and
 * then destroys the socket.
 */
export function awaitSocket(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off(event, onEvent).off('error', fail).off('close', onClose);
    };
    const fail = (reason: unknown): void => {
      leave();
      discard(socket);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(reason);
    };
    const onAbort = (): void => {
      fail(signal.reason);
    };
    const onClose = (): void => {
      fail(new Error('the connection was closed before it was established'));
    };
    const onEvent = (): void => {
      leave();
      resolve();
    };
    socket.on(event, onEvent).on('error', fail).on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** Destroys a socket. What it says afterwards interests nobody, but must be listened to. */
export function discard(socket: Socket): void {
  socket.on('error', () => undefined).destroy();
}
