import { startSink } from '../endpoint/start.mjs';
import { inNewProcess } from '../harness/fresh-process.mjs';

/**
 * What streams cost that upload at the pace of cameras, 30 frames a second each: memory over a bare
 * Node.js process, and processor time.
 */
export const streams = {
  name: 'streams',
  title: 'memory and processor time by the number of streams',
  cases: [1, 4, 16, 64, 128].map((count) => ({ driver: 'kvs', streams: count })),
  async measure({ streams: count }, { quick }) {
    const sink = await startSink('http');
    const memory = [];
    const work = [];
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      const bare = await inNewProcess('bare');
      const { mebibytes, cpu } = await inNewProcess('streams', sink.url, count);
      memory.push(mebibytes - bare.mebibytes);
      work.push(cpu);
    }
    sink.close();
    return [
      { what: `${count}-memory`, unit: 'MiB', rounds: memory },
      { what: `${count}-cpu`, unit: 'ms/1000 frames', rounds: work },
    ];
  },
};
