import { spawn } from 'node:child_process';
import type { Terminal } from '../terminal.js';

/** Opens a URL in the browser that the system prefers; says so when there is none. */
export function openBrowser(url: string, terminal: Terminal): void {
  const [program, args] = commandFor(process.platform, url);
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  const complain = (): void => {
    terminal.line(`kvs: no browser could be opened with ${program}: open the address yourself`);
  };
  child.once('error', complain);
  child.once('exit', (status) => {
    if (status !== 0 && status !== null) complain();
  });
  child.unref();
}

function commandFor(platform: string, url: string): [program: string, args: string[]] {
  if (platform === 'darwin') return ['open', [url]];
  // `start` is of the shell, and takes its first argument in quotes for a title.
  if (platform === 'win32') return ['cmd', ['/c', 'start', '""', url]];
  return ['xdg-open', [url]];
}
