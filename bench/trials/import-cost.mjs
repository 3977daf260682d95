import { inNewProcess } from '../harness/fresh-process.mjs';

/** What `import` of the producer alone costs a program: time, and memory that stays. */
export const importCost = {
  name: 'import',
  title: 'import of the producer alone',
  cases: [{ driver: 'kvs' }],
  async measure(_, { quick }) {
    const results = [];
    for (let round = 0; round < (quick ? 3 : 11); round += 1) {
      results.push(await inNewProcess('import'));
    }
    return [
      { what: 'time', unit: 'ms', rounds: results.map(({ time }) => time) },
      { what: 'cpu', unit: 'ms', rounds: results.map(({ cpu }) => cpu) },
      { what: 'memory', unit: 'MiB', rounds: results.map(({ mebibytes }) => mebibytes) },
    ];
  },
};
