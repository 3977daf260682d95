import { build } from 'esbuild';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outfile = fileURLToPath(new URL('../../build/bench/internals.mjs', import.meta.url));

/** Compiles and loads drivers/internals.ts: joined into one file, as the modules that ship are. */
export async function loadInternals() {
  await build({
    absWorkingDir: root,
    entryPoints: ['bench/drivers/internals.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
