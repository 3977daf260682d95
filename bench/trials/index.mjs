import { CORE_TRIALS } from './core.mjs';
import { endToEnd } from './end-to-end.mjs';
import { idle } from './idle.mjs';
import { importCost } from './import-cost.mjs';
import { instructions } from './instructions.mjs';
import { latency } from './latency.mjs';
import { putReadJs } from './put-read-js.mjs';
import { repackage } from './repackage.mjs';
import { startUp } from './start-up.mjs';
import { streams } from './streams.mjs';
import { transport } from './transport.mjs';

/**
 * Every trial, in the order of the report.
 *
 * A trial has a `name`, a `title`, and `cases`, each measured in a process of its own. `measure` takes
 * a case and `{ quick }`, and gives `{ what, unit, rounds }` for each thing that it measured.
 * Drivers, and with them dist/, are loaded in `measure`: before it is called they need not be there.
 * `reasonToSkip`, where there is one, says why a case cannot be measured here.
 */
export const TRIALS = [
  ...CORE_TRIALS,
  instructions,
  putReadJs,
  repackage,
  latency,
  endToEnd,
  transport,
  importCost,
  startUp,
  idle,
  streams,
];

/** @throws Error that names the trials there are */
export function findTrial(name) {
  const trial = TRIALS.find((each) => each.name === name);
  if (trial !== undefined) return trial;
  const names = TRIALS.map((each) => each.name).join(', ');
  throw new Error(`There is no trial "${name}", but ${names}`);
}
