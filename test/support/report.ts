/** Counts the outcomes of a test file's tests and hands them to `test/run.ts` when the process ends. */
import { writeFileSync } from 'node:fs';

/** Outcomes of the tests of one file. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export const tally: Tally = { passed: 0, failed: 0, skipped: 0 };

let finished = false;
let rejectCurrent: ((error: unknown) => void) | undefined;

/** The test that is running, for blaming an error that is thrown outside of any promise. */
export const report = {
  current: undefined as string | undefined,
  /** Never fulfilled; rejected when an error is thrown behind the running test's back. */
  lateFailure(): Promise<never> {
    return new Promise((_resolve, reject) => {
      rejectCurrent = reject;
    });
  },
};

/** Counts a skipped test and says why it was skipped. */
export function recordSkip(title: string, reason: string): void {
  tally.skipped += 1;
  process.stdout.write(`\n  skipped: ${title} (${reason})\n`);
}

/** Counts a failure that belongs to no test, and prints `what`. */
export function failLate(what: string): void {
  tally.failed += 1;
  process.stdout.write(`\n  FAIL ${what}\n`);
}

/** Marks the file's tests as complete: an exit before this is a failure. */
export function finish(): void {
  finished = true;
}

// The file that asked for the tally is this process's business only: programs that the tests
// start must not write to it.
const destination = process.env['KVS_TEST_TALLY'];
delete process.env['KVS_TEST_TALLY'];

process.on('uncaughtException', (error) => {
  if (report.current === undefined) {
    failLate(`An error was thrown outside of any test: ${error.stack ?? String(error)}`);
  } else {
    rejectCurrent?.(error);
  }
});

process.on('exit', () => {
  if (!finished) {
    const where = report.current === undefined ? '' : ` during "${report.current}"`;
    failLate(`The process left before its tests were done${where}`);
  }
  if (tally.passed + tally.failed + tally.skipped === 0) failLate('The file ran no test');
  const { passed, failed, skipped } = tally;
  process.stdout.write(`\n  ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  if (destination !== undefined) writeFileSync(destination, JSON.stringify(tally));
  if (failed > 0) process.exitCode = 1;
});
