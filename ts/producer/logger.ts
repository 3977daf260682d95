/**
 * Where to tell what goes on, such as `console` or a `pino` logger. Without one nothing is
 * written, but for rare warnings of the process about what would pass unnoticed.
 * Messages and details never hold a secret.
 */
export interface Logger {
  readonly debug?: (message: string, details?: Readonly<Record<string, unknown>>) => void;
  readonly info?: (message: string, details?: Readonly<Record<string, unknown>>) => void;
  readonly warn?: (message: string, details?: Readonly<Record<string, unknown>>) => void;
  readonly error?: (message: string, details?: Readonly<Record<string, unknown>>) => void;
}

/** Whether a value can be used as a logger. */
export function isLogger(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const methods = ['debug', 'info', 'warn', 'error'].map(
    (name) => (value as Record<string, unknown>)[name],
  );
  return methods.every((method) => method === undefined || typeof method === 'function');
}
