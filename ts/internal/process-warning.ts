/**
 * Emits a warning of the process, which Node.js prints: for what would pass unnoticed in a program
 * without a logger, and seldom.
 */
export function warnProcess(message: string, code: string): void {
  process.emitWarning(message, { type: 'KinesisVideoWarning', code });
}
