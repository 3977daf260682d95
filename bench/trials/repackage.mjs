import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCommand } from '../harness/native.mjs';
import { inNewProcess, processorTimeOf } from '../harness/fresh-process.mjs';
import { fileURLToPath } from 'node:url';

/** How often the clip of 200 frames goes into the file, and into one that shows what a start costs. */
const PLANS = {
  full: { loops: 500, short: 5, rounds: 5 },
  quick: { loops: 50, short: 5, rounds: 1 },
};
const PROGRAM = fileURLToPath(new URL('../programs/repackage.mjs', import.meta.url));

const COMMANDS = {
  kvs: (file) => [process.execPath, PROGRAM, file],
  ffmpeg: (file) => [
    'ffmpeg',
    '-v',
    'error',
    '-nostdin',
    '-i',
    file,
    '-c',
    'copy',
    '-f',
    'matroska',
    '-y',
    '/dev/null',
  ],
  gstreamer: (file) =>
    `gst-launch-1.0 -q filesrc location=${file} ! matroskademux ! matroskamux streamable=true ! fakesink`.split(
      ' ',
    ),
};
const VERSION_FLAGS = { ffmpeg: '-version' };
const PROGRAMS = { ffmpeg: 'ffmpeg', gstreamer: 'gst-launch-1.0' };

/**
 * Matroska from a file repackaged as Matroska that goes nowhere, H.264 with B-frames as in the demo:
 * what the tools do that a program would start instead. It is the processor time of their process,
 * without that of a process that has next to nothing to do.
 */
export const repackage = {
  name: 'repackage',
  title: 'Matroska from a file into Matroska, against tools',
  cases: ['kvs', 'ffmpeg', 'gstreamer'].map((driver) => ({ driver })),
  reasonToSkip({ driver }) {
    if (process.platform === 'win32')
      return 'the processor time of tools is measured by a POSIX shell';
    const program = PROGRAMS[driver];
    if (program === undefined || hasCommand(program, VERSION_FLAGS[driver])) return undefined;
    return `not installed: ${program} is not on PATH`;
  },
  async measure({ driver }, { quick }) {
    const plan = quick ? PLANS.quick : PLANS.full;
    const scratch = mkdtempSync(join(tmpdir(), 'kvs-bench-'));
    try {
      const [long, short] = [join(scratch, 'long.mkv'), join(scratch, 'short.mkv')];
      const { frames } = await inNewProcess('make-media', long, plan.loops);
      const { frames: fewer } = await inNewProcess('make-media', short, plan.short);
      const rounds = [];
      for (let round = 0; round < plan.rounds; round += 1) {
        const start = await processorTimeOf(COMMANDS[driver](short));
        const all = await processorTimeOf(COMMANDS[driver](long));
        rounds.push(((all - start) * 1e6) / (frames - fewer));
      }
      return [{ what: 'h264', unit: 'ns', rounds }];
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};
