import type { Socket } from 'node:net';

/**
 * Resets a connection at once. One that was ended already is only closed: the system has no reset for
 * a connection that is being shut down, and Node.js would then keep its handle for ever.
 */
export function resetNow(socket: Socket): void {
  if (socket.destroyed) return;
  socket.on('error', () => undefined);
  if (!socket.connecting && !socket.writableEnded) socket.resetAndDestroy();
  // `resetAndDestroy` alone waits for what is being written.
  socket.destroy();
}
