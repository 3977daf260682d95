import { againstBar } from './bar.mjs';
import { SCHEMA } from './compare.mjs';

/** A report, whose form docs/benchmarks.md describes. */
export function makeReport({ quick, started, finished, machine, versions, commit, outcomes }) {
  const all = (key) => outcomes.flatMap((outcome) => outcome[key]);
  const measurements = all('measurements');
  return {
    benchmark: 'kinesis-video-producer',
    schema: SCHEMA,
    started: started.toISOString(),
    seconds: Math.round((finished - started) / 1000),
    quick,
    ...commit,
    machine,
    versions,
    bar: againstBar(measurements, { quick }),
    measurements,
    skipped: all('skipped'),
    failed: all('failed'),
  };
}
