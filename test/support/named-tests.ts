import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A test that a document names. */
export interface NamedTest {
  /** Relative to the root of the repository. */
  readonly file: string;
  /** The function of a C test; else the title as it is written in the source. */
  readonly name: string;
}

/** What a document says: its lines, without the line ends. */
export function linesOf(document: string): string[] {
  return readFileSync(join(root, document), 'utf8').split(/\r?\n/);
}

/** All files in `folder` and below it. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).split(sep).join('/'));
}

/** The tests that `text` names, each as `file` and `name` in code spans that follow each other. */
export function namedTests(text: string): NamedTest[] {
  return Array.from(text.matchAll(/`(test\/[^`]+)` `([^`]+)`/g), ([, file, name]) => ({
    file: file as string,
    name: name as string,
  }));
}

/** The source of a test file; undefined when there is none. */
export function sourceOf(file: string): string | undefined {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/**
 * The source of a test: its file without the bodies of the other tests, since tables and helpers of
 * the file are part of it.
 */
export function sourceOfTest({ file, name }: NamedTest): string {
  const body = file.endsWith('.c')
    ? /KVS_TEST\((\w+)\) \{(?: .*\}\n|[^]*?\n\}\n)/g
    : /^ *test\(\s*(?:['"`])((?:\\.|[^'"`\n])*)['"`],[^]*?^ *\}(?:, \{.*\})?\);$/gm;
  return (sourceOf(file) ?? '').replace(body, (text, own) => (own === name ? text : ''));
}

/** What is wrong with the name of a test; undefined when the test exists and is run. */
export function problemOf({ file, name }: NamedTest): string | undefined {
  const source = sourceOf(file);
  if (source === undefined) return `${file} does not exist`;
  if (file.endsWith('.c')) {
    const isThere = source.includes(`KVS_TEST(${name})`) && source.includes(`RUN(${name});`);
    return isThere ? undefined : `${file} does not run ${name}`;
  }
  const titles = Array.from(
    source.matchAll(/\btest\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g),
    ([, , title]) => title,
  );
  return titles.includes(name) ? undefined : `${file} has no test "${name}"`;
}
