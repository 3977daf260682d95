import { startSink } from '../endpoint/start.mjs';
import { inNewProcess } from '../harness/fresh-process.mjs';

/** From the first line of a program to the acknowledgement of its first fragment. */
export const startUp = {
  name: 'start-up',
  title: 'start-up',
  cases: [{ driver: 'kvs' }],
  async measure(_, { quick }) {
    const sink = await startSink('http');
    const results = [];
    for (let round = 0; round < (quick ? 3 : 9); round += 1) {
      results.push(await inNewProcess('start-up', sink.url));
    }
    sink.close();
    return [
      { what: 'created', unit: 'ms', rounds: results.map(({ created }) => created) },
      { what: 'stored', unit: 'ms', rounds: results.map(({ stored }) => stored) },
    ];
  },
};
