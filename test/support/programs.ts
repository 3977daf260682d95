/**
 * Programs of the tests that are started in a process or thread of their own. The tests run as they
 * are, in TypeScript, or compiled, where nothing can compile them: in an emulated Node.js.
 */
import { fileURLToPath } from 'node:url';

/** Whether this file, and so every other, was compiled before. */
export const isCompiled = import.meta.url.endsWith('.js');

/** The URL of `name`, a program without its suffix, relative to the file with the URL `base`. */
export function programUrl(name: string, base: string): URL {
  return new URL(`${name}.${isCompiled ? 'js' : 'ts'}`, base);
}

/** What to give to Node.js to run the program, before the arguments of the program itself. */
export function programArguments(name: string, base: string): string[] {
  const file = fileURLToPath(programUrl(name, base));
  return isCompiled ? [file] : ['--import', 'tsx', file];
}
