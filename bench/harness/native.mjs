/** Programs of the C core: bench/native, compiled on first use. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'build', 'bench-native');
const run = promisify(execFile);

let isBuilt = false;

/** Whether a command can be started. */
export function hasCommand(name, versionFlag = '--version') {
  try {
    execFileSync(name, [versionFlag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Why the C programs cannot be had here; undefined when they are there. */
export function reasonNotToBuild() {
  if (isBuilt) return undefined;
  if (!hasCommand('cmake')) return 'CMake is not installed';
  const type = ['-DCMAKE_BUILD_TYPE=Release', '-DBUILD_TESTING=OFF', '-DKVS_BUILD_BENCHMARKS=ON'];
  const stdio = ['ignore', 'ignore', 2];
  execFileSync('cmake', ['-S', root, '-B', folder, ...type], { stdio });
  execFileSync('cmake', ['--build', folder, '--config', 'Release', '--parallel', '2'], { stdio });
  isBuilt = true;
  return undefined;
}

/** The file of a program; those who compile several configurations side by side have a folder more. */
function program(name) {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const places = [join(folder, name + suffix), join(folder, 'Release', name + suffix)];
  return places.find((place) => existsSync(place)) ?? places[0];
}

/** Runs a program that prints a measurement a line: `name`, `unit` and `rounds`. */
export async function runNative(name, ...args) {
  const { stdout } = await run(program(name), args);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** How many instructions a function of a program takes, with all that it calls. */
export async function countInstructions(inFunction, name, ...args) {
  const scratch = mkdtempSync(join(tmpdir(), 'kvs-bench-'));
  try {
    const out = join(scratch, 'callgrind');
    const tool = ['--tool=callgrind', `--toggle-collect=${inFunction}`, '--dump-instr=no'];
    await run('valgrind', [...tool, `--callgrind-out-file=${out}`, program(name), ...args]);
    const total = /^(?:totals|summary): (\d+)/m.exec(readFileSync(out, 'utf8'));
    if (total === null) throw new Error('callgrind has counted nothing');
    return Number(total[1]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
