/**
 * `suite()`: uvu with the safety it lacks. Every test has a time limit, a suite starts itself, a
 * test can be skipped with a reason while it runs, and whatever goes wrong late (an error thrown
 * by a timer, a handle left open, an exit in the middle) fails the file.
 */
import { takeSuites } from './uvu-deferred.js';
import { suite as uvuSuite } from 'uvu';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from './limits.js';
import { failLate, recordSkip, report, tally, finish } from './report.js';

/** What a test function receives. */
export interface TestContext {
  /** Ends the test here and counts it as skipped. `reason` is a sentence, such as "ffprobe is not installed". */
  skip(reason: string): never;
  /** Registers a clean-up. Clean-ups run last to first after the test, whether it passed or not. */
  after(cleanUp: () => unknown): void;
  /** Aborted when the test has used up its time, so that what it started can stop. */
  readonly signal: AbortSignal;
}

/** The body of a test: passes when it returns, or when the promise it returns is fulfilled. */
export type TestBody = (t: TestContext) => unknown;

/** Registers tests of one suite. */
export interface Suite {
  /** Registers a test. `title` is a sentence about behaviour; `timeout` (ms) replaces the suite's. */
  (title: string, body: TestBody, options?: { timeout?: number }): void;
  /** Registers a test that is not run and is counted as skipped. */
  skip(title: string, body?: TestBody): void;
}

const DEFAULT_TIMEOUT = 5000;
/** By how much everything is slower than on a machine of its own, as in an emulated one. */
const SLOWNESS = Number(process.env['KVS_TEST_SLOWNESS'] ?? 1);
/** How long the process may go on after the last test before what keeps it alive is a failure. */
const LINGER = 2000;

class SkipSignal extends Error {
  override readonly name = 'SkipSignal';
}

const suites: { run(): void }[] = [];
let started = false;

/**
 * Makes a suite named `subject`. Its tests run in order, by themselves, once the file is loaded;
 * each fails after `timeout` milliseconds (5000 unless told; `KVS_TEST_SLOWNESS` multiplies it).
 */
export function suite(subject: string, options: { timeout?: number } = {}): Suite {
  const inner = uvuSuite(subject);
  suites.push(inner);
  if (suites.length === 1) setImmediate(() => void runAll());

  const register = (title: string, body: TestBody, own: { timeout?: number } = {}): void => {
    if (started) {
      throw new Error(`The test "${title}" was registered after the tests had started`);
    }
    const timeout = SLOWNESS * (own.timeout ?? options.timeout ?? DEFAULT_TIMEOUT);
    inner(title, () => runTest(`${subject}: ${title}`, body, timeout));
  };
  const skip = (title: string): void => {
    register(title, (t) => t.skip('marked as skipped'));
  };
  return Object.assign(register, { skip });
}

/** Runs one test and its clean-ups; throws what uvu shall print as the failure. */
async function runTest(title: string, body: TestBody, timeout: number): Promise<void> {
  const cleanUps: (() => unknown)[] = [];
  const stop = new AbortController();
  const context: TestContext = {
    skip: (reason) => {
      throw new SkipSignal(reason);
    },
    after: (cleanUp) => cleanUps.push(cleanUp),
    signal: stop.signal,
  };

  const problems: unknown[] = [];
  let skipped: string | undefined;
  const attempt = async (what: string, work: () => unknown): Promise<void> => {
    try {
      await within(timeout, what, work);
    } catch (error) {
      if (error instanceof SkipSignal) skipped = error.message;
      else problems.push(error);
    }
  };

  report.current = title;
  await attempt('The test', () => Promise.race([body(context), report.lateFailure()]));
  if (problems.length > 0) stop.abort(problems[0]);
  for (const cleanUp of cleanUps.reverse()) await attempt('A clean-up of the test', cleanUp);
  report.current = undefined;
  settle(title, problems, skipped);
}

/** Counts the outcome of a test and throws its first problem, as an Error since uvu needs one. */
function settle(title: string, problems: unknown[], skipped: string | undefined): void {
  if (problems.length > 0) {
    tally.failed += 1;
    const errors = problems.map((problem) =>
      problem instanceof Error ? problem : new Error(`${String(problem)} was thrown`),
    );
    for (const other of errors.slice(1)) {
      process.stdout.write(`\n  also: ${other.stack ?? other.message}\n`);
    }
    throw errors[0] as Error;
  }
  if (skipped === undefined) tally.passed += 1;
  else recordSkip(title, skipped);
}

async function runAll(): Promise<void> {
  started = true;
  for (const inner of suites) inner.run();
  for (const run of takeSuites()) {
    const [errors] = await run();
    if (errors !== true) process.stdout.write(`\n${errors}\n`);
  }
  finish();
  await sleep(LINGER, undefined, { ref: false });
  const open = process.getActiveResourcesInfo().filter((name) => !name.startsWith('TTY'));
  failLate(`After the last test the process was kept alive by: ${open.join(', ')}`);
  process.exit(1);
}
