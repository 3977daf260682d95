/** Runs the built command as its users do, in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  startLocalKinesisVideo,
  type LocalKinesisVideo,
  type LocalKinesisVideoOptions,
} from '../../ts/local/index.js';
import type { TestContext } from '../support/suite.js';

/** The built command. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The path of a file in test/fixtures. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

/** What a run of the command left behind. */
export interface Run {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** The standard output as lines of JSON. */
  readonly lines: readonly JsonLine[];
  readonly milliseconds: number;
}

/** A line of `--json`. */
export interface JsonLine {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** How the command is run. */
export interface RunOptions {
  /** File to pipe in; the standard input is empty unless told. */
  readonly input?: string;
  /** Leave the standard input open, with nothing to read. */
  readonly keepInputOpen?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Called once the process runs. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Called with everything on the standard output so far, whenever it grows. */
  readonly onOutput?: (stdout: string, child: ChildProcess) => void;
}

/** An environment in which nothing about AWS is configured. */
export const BARE_ENV: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))),
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  // Whoever asks the metadata service would wait for it.
  AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://192.0.2.1',
};

/** Runs `kvs ARGS…` to its end; it is killed with the test. */
export async function kvs(
  t: TestContext,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  if (!existsSync(MAIN)) throw new Error('The command is not built: run npm run build');
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...BARE_ENV, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  t.signal.addEventListener('abort', kill);
  child.stdin.on('error', () => undefined);
  if (options.input !== undefined) createReadStream(options.input).pipe(child.stdin);
  else if (options.keepInputOpen !== true) child.stdin.end();
  options.onStart?.(child);

  const output: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output.push(chunk);
    options.onOutput?.(Buffer.concat(output).toString(), child);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [status] = (await once(child, 'close')) as [number | null];
  t.signal.removeEventListener('abort', kill);
  const stdout = Buffer.concat(output);
  return {
    status,
    stdout,
    stderr,
    get lines() {
      const texts = stdout.toString().split('\n');
      return texts.filter((text) => text !== '').map((text) => JSON.parse(text) as JsonLine);
    },
    milliseconds: performance.now() - started,
  };
}

/** Starts an endpoint that lives as long as the test. */
export async function startLocal(
  t: TestContext,
  options: LocalKinesisVideoOptions = {},
): Promise<LocalKinesisVideo> {
  const local = await startLocalKinesisVideo({ getMediaTimeout: 300, ...options });
  t.after(() => local.close());
  return local;
}

/** Makes a folder that is removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-cli-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The last line of `--json`. */
export function summaryOf(run: Run): Readonly<Record<string, unknown>> {
  const last = run.lines.at(-1);
  if (last?.type !== 'summary') {
    throw new Error(`There is no summary at the end of:\n${run.stdout.toString()}\n${run.stderr}`);
  }
  return last;
}

/** What was written to the standard error, without the end of the line, when it is a single line. */
export function sentenceOf(run: Run): string {
  const lines = run.stderr.trimEnd().split('\n');
  if (lines.length !== 1) throw new Error(`Not one line:\n${run.stderr}`);
  return lines[0] ?? '';
}

/** Skips a test that sends signals where there are none. */
export function requireSignals(t: TestContext): void {
  if (process.platform === 'win32') t.skip('Windows has no signals');
}
