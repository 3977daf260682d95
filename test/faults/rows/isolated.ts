/** Faults of the network itself, in a network namespace of the row's own. */
import { execFileSync } from 'node:child_process';
import type { FaultRow } from '../support/row.js';
import type { WorldOptions } from '../support/world.js';
import type { DnsMood } from '../support/dns-server.js';

const UNREACHABLE = 'STATUS_SERVICE_CALL_UNKNOWN_ERROR';
/** Staleness and idle time as on the other rows with a silent network. */
const DIRECT: WorldOptions = {
  direct: true,
  stream: { connectionStaleness: 3000 },
  endpoint: { idleTimeout: 3000 },
};
const NAMED: WorldOptions = { dns: true };

function run(command: string): void {
  const [program = '', ...args] = command.split(' ');
  execFileSync(program, args, { stdio: 'pipe' });
}

/** Adds a rule for the packets that come in. */
function filter(...rule: string[]): void {
  const table = ['inet', 'kvs'];
  execFileSync('nft', ['add', 'table', ...table], { stdio: 'pipe' });
  const hook = '{ type filter hook input priority 0 ; }';
  execFileSync('nft', ['add', 'chain', ...table, 'in', hook], { stdio: 'pipe' });
  execFileSync('nft', ['add', 'rule', ...table, 'in', ...rule], { stdio: 'pipe' });
}

function unfilter(): void {
  run('nft delete table inet kvs');
}

const dns = (mood: DnsMood, name: string, lasts: number): FaultRow => ({
  fault: `name server ${name}`,
  phase: 'name look-up',
  namespace: true,
  world: NAMED,
  lasts,
  inject: (w) => {
    w.dns.mood = mood;
    w.tcp.reset();
  },
  repair: (w) => {
    w.dns.mood = 'answers';
  },
  code: UNREACHABLE,
});

export const ISOLATED_ROWS: readonly FaultRow[] = [
  dns('does not know', 'does not know the name', 3000),
  dns('fails', 'fails', 3000),
  dns('is silent', 'is silent', 12_000),
  {
    fault: 'address of the name changes, and the old one is dead',
    phase: 'name look-up',
    namespace: true,
    world: { ...DIRECT, dns: true, endpoint: { host: '0.0.0.0', idleTimeout: 3000 } },
    lasts: 3000,
    inject: (w) => {
      filter('ip', 'daddr', '127.0.0.1', 'tcp', 'dport', new URL(w.url).port, 'drop');
      w.after(unfilter);
    },
    repair: (w) => {
      w.dns.address = '127.0.0.2';
    },
  },
  {
    fault: 'all packets are lost',
    phase: 'while media flows',
    namespace: true,
    world: DIRECT,
    lasts: 5000,
    inject: () => {
      filter('meta', 'l4proto', 'tcp', 'drop');
    },
    repair: unfilter,
  },
  {
    fault: '20 % of the packets are lost',
    phase: 'while media flows',
    namespace: true,
    world: DIRECT,
    lasts: 6000,
    inject: () => {
      filter('meta', 'l4proto', 'tcp', 'numgen', 'random', 'mod', '100', '<', '20', 'drop');
    },
    repair: unfilter,
  },
  {
    fault: 'rate limit of the kernel below the bit rate',
    phase: 'while media flows',
    namespace: true,
    world: { ...DIRECT, source: { size: 50_000 }, stream: { bufferDuration: 2000 } },
    lasts: 10_000,
    inject: () => {
      run('tc qdisc add dev lo root tbf rate 800kbit burst 16kb latency 200ms');
    },
    repair: () => {
      run('tc qdisc del dev lo root');
    },
    drops: { reasons: ['buffer-duration', 'store-pressure'], must: true },
  },
  {
    fault: 'network interface is down',
    phase: 'while media flows',
    namespace: true,
    world: DIRECT,
    lasts: 5000,
    inject: () => {
      run('ip link set lo down');
    },
    repair: () => {
      run('ip link set lo up');
    },
  },
];
