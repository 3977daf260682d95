import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { ServiceException } from '../exceptions.js';

const PROGRAM = 'ffmpeg';
/** No fragment takes longer to decode, unless ffmpeg hangs. */
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/** What a run of ffmpeg came to. */
export interface FfmpegResult {
  readonly output: Buffer;
  /** What it complained of; '' when of nothing. */
  readonly complaints: string;
}

/**
 * Runs ffmpeg with `input` at its standard input. A failure of it is told in the result; throws
 * NotImplementedException when it is not installed, and the reason of `signal`, which ends it.
 */
export async function runFfmpeg(
  args: readonly string[],
  input: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<FfmpegResult> {
  signal.throwIfAborted();
  const child = spawn(PROGRAM, ['-v', 'error', '-nostdin', ...args], { stdio: 'pipe' });
  const end = (): void => {
    child.kill('SIGKILL');
  };
  const timer = setTimeout(end, TIMEOUT_MS);
  signal.addEventListener('abort', end);
  try {
    const result = collect(child);
    for (const piece of input) child.stdin.write(piece);
    child.stdin.end();
    return await result;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    signal.throwIfAborted();
  }
}

async function collect(child: ChildProcessWithoutNullStreams): Promise<FfmpegResult> {
  const output: Buffer[] = [];
  let size = 0;
  let complaints = '';
  child.stdout.on('data', (piece: Buffer) => {
    output.push(piece);
    size += piece.length;
    if (size > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
  });
  child.stderr.on('data', (piece: Buffer) => {
    complaints += piece.toString();
  });
  // It stops to read when it has what it needs.
  child.stdin.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => {
      resolve();
    });
    child.once('error', (error) => {
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
      reject(isMissing(error) ? notInstalled() : error);
    });
  });
  return { output: Buffer.concat(output), complaints };
}

function isMissing(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function notInstalled(): ServiceException {
  return new ServiceException(
    'NotImplementedException',
    `Images are made by ${PROGRAM}, which is not installed on the machine of this endpoint, or not in its PATH; install it`,
  );
}
