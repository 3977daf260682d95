import type { MessagePort } from 'node:worker_threads';

export const kPort: unique symbol;

export function mainPort(port: MessagePort): {
  readonly [kPort]: MessagePort;
  on(name: string, listener: (message: { data: unknown }) => void): void;
  start(): void;
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  close(): void;
};
