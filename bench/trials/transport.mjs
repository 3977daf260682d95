import { startSink } from '../endpoint/start.mjs';
import { inNewProcess } from '../harness/fresh-process.mjs';

/** What the connections cost in the thread of the program, and in a worker. */
export const transport = {
  name: 'transport',
  title: 'connections in the thread of the program, and in a worker',
  cases: ['main', 'worker'].map((name) => ({ driver: 'kvs', transport: name })),
  async measure({ transport: name }, { quick }) {
    const sink = await startSink('http');
    const results = [];
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      results.push(await inNewProcess('transport', sink.url, name, quick ? 200 : 3000));
    }
    sink.close();
    return [
      { what: `${name}-start`, unit: 'ms', rounds: results.map(({ start }) => start) },
      { what: `${name}-cpu`, unit: 'ms/1000 frames', rounds: results.map(({ cpu }) => cpu) },
      { what: `${name}-memory`, unit: 'MiB', rounds: results.map(({ mebibytes }) => mebibytes) },
    ];
  },
};
