#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { KinesisVideoError } from '../internal/errors.js';
import { parseArguments } from './arguments.js';
import type { Command } from './command.js';
import { columns, commandHelp } from './help.js';
import { suggest } from '../internal/suggest.js';
import { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

interface Entry {
  readonly summary: string;
  /** Commands are loaded when they are run: the help must not wait for an SDK. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  put: { summary: 'upload a media file or a pipe', load: () => import('./put/command.js') },
  get: { summary: 'save what a stream holds as a file', load: () => import('./get/command.js') },
  fragments: {
    summary: 'list the fragments of a stream',
    load: () => import('./consume/fragments.js'),
  },
  clip: { summary: 'save a span of time as MP4', load: () => import('./consume/clip.js') },
  images: { summary: 'save images of a stream', load: () => import('./consume/images.js') },
  'hls-url': { summary: 'print a URL for HLS', load: () => import('./consume/hls-url.js') },
  'dash-url': { summary: 'print a URL for DASH', load: () => import('./consume/dash-url.js') },
  inspect: {
    summary: 'list what a Matroska file holds',
    load: () => import('./inspect/command.js'),
  },
  local: { summary: 'run the local endpoint', load: () => import('./local.js') },
  play: { summary: 'play a stream in the browser', load: () => import('./play/command.js') },
  create: { summary: 'create a stream', load: () => import('./streams/create.js') },
  describe: { summary: 'describe a stream', load: () => import('./streams/describe.js') },
  list: { summary: 'list streams', load: () => import('./streams/list.js') },
  delete: { summary: 'delete a stream and its media', load: () => import('./streams/delete.js') },
};

const HELP = `Usage: kvs COMMAND [options]

Sends media to Amazon Kinesis Video Streams and reads them back.

Commands:
${columns(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]))}

  kvs COMMAND --help        explains a command
  kvs --version             prints the version

Try it without an AWS account:
  kvs local
  kvs put FILE --stream test --endpoint URL
`;

/** Exit status for a command line that cannot be understood. */
const USAGE_STATUS = 2;

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Runs one command line and returns its exit status. */
async function run(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) {
    process.stderr.write(HELP);
    return USAGE_STATUS;
  }
  if (first === '--version' || first === '-v') return print(`${version()}\n`);
  const asksForHelp = first === '--help' || first === '-h' || first === 'help';
  if (asksForHelp && rest[0] === undefined) return print(HELP);

  const command = await loadCommand(asksForHelp ? rest[0] : first);
  const { help, options, operand } = asksForHelp
    ? { help: true, options: {}, operand: '' }
    : parseArguments(command, rest);
  if (help) return print(commandHelp(command));
  return command.run(options, operand);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

async function loadCommand(name = ''): Promise<Command> {
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry !== undefined) return (await entry.load()).command;
  const known = Object.keys(COMMANDS);
  const near = suggest(name, known);
  const hint = near === undefined ? `commands are ${known.join(', ')}` : `did you mean ${near}?`;
  const what = name.startsWith('-') ? 'option' : 'command';
  throw new UsageError(`there is no ${what} ${JSON.stringify(name)}: ${hint}`);
}

/** Tells what went wrong in one sentence and returns the exit status. */
function report(error: unknown): number {
  const isExpected = error instanceof KinesisVideoError || error instanceof UsageError;
  const terminal = new Terminal();
  terminal.error(error);
  if (!isExpected) terminal.line('kvs: this was not expected; KVS_DEBUG=1 shows where it happened');
  return error instanceof UsageError ? USAGE_STATUS : 1;
}

/** Ends the process once what was printed has left it; something may still wait for input. */
function exit(status: number): void {
  process.exitCode = status;
  if (!process.stdout.writable) process.exit();
  process.stdout.write('', () => {
    process.exit();
  });
}

// The buffers that media pass through die young. A young generation that does not grow is swept often
// and gives them back soon, which keeps some 25 MB of them out of memory.
setFlagsFromString('--semi-space-growth-factor=1');
// Which Node.js a command runs on is not for its users to hear about from the AWS SDK.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
// A reader of the output that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
run(process.argv.slice(2)).catch(report).then(exit, exit.bind(undefined, 1));
