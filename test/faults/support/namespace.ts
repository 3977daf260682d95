/** A network of a lane's own, where packets can be lost and names can be wrong. Needs root. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where `ip netns exec` finds the files of /etc that a namespace has for itself. */
const ETC = '/etc/netns';
/** The name server of the test is asked once, and not waited for long. */
const RESOLVER = 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n';

/** How the reason ends when only a program is missing. */
export const NOT_INSTALLED = 'is not installed';

let count = 0;

/** One network namespace, with nothing but a loopback interface. */
export class Namespace {
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
  }

  /** Why there can be none; undefined when there can. */
  static obstacle(): string | undefined {
    if (process.platform !== 'linux') return 'network namespaces are a matter of Linux';
    if (process.getuid?.() !== 0) return 'network namespaces need root';
    for (const tool of [
      ['ip', '-V'],
      ['tc', '-V'],
      ['nft', '-v'],
    ] as const) {
      try {
        execFileSync(tool[0], [tool[1]], { stdio: 'ignore' });
      } catch {
        return `${tool[0]} ${NOT_INSTALLED}`;
      }
    }
    const name = `kvs-faults-${process.pid}-try`;
    try {
      execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
      execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
      return undefined;
    } catch (error) {
      return `this system refuses a network namespace: ${(error as Error).message.trim()}`;
    }
  }

  /** Makes one. */
  static async create(): Promise<Namespace> {
    count += 1;
    const name = `kvs-faults-${process.pid}-${count}`;
    mkdirSync(join(ETC, name), { recursive: true });
    writeFileSync(join(ETC, name, 'resolv.conf'), RESOLVER);
    execFileSync('ip', ['netns', 'add', name]);
    // With the usual 65536 the rate limiter of the kernel stalls on packets larger than its burst.
    execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up', 'mtu', '1500']);
    return new Namespace(name);
  }

  /** What has to stand before a command for it to run in the namespace. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  async remove(): Promise<void> {
    execFileSync('ip', ['netns', 'del', this.#name]);
    rmSync(join(ETC, this.#name), { recursive: true, force: true });
  }
}
