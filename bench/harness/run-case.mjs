/** The process that one case of a trial has to itself: measures, tells its parent, and ends. */
import { findTrial } from '../trials/index.mjs';

const [name, index, quick] = process.argv.slice(2);
const trial = findTrial(name);
const measurements = await trial.measure(trial.cases[Number(index)], { quick: quick === 'quick' });
process.send(measurements, () => process.exit());
