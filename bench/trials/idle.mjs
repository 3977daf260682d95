import { startSink } from '../endpoint/start.mjs';
import { inNewProcess } from '../harness/fresh-process.mjs';

/** What a process with a stream that does nothing has over one that does nothing. */
export const idle = {
  name: 'idle',
  title: 'memory of an idle stream with a store of 128 MB, over a bare Node.js process',
  cases: [{ driver: 'kvs' }],
  async measure(_, { quick }) {
    const sink = await startSink('http');
    const rounds = [];
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      const bare = await inNewProcess('bare');
      const { mebibytes } = await inNewProcess('idle', sink.url);
      rounds.push(mebibytes - bare.mebibytes);
    }
    sink.close();
    return [{ what: 'memory', unit: 'MiB', rounds }];
  },
};
