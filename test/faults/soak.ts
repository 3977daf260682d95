/**
 * The soak: `npm run soak -- --minutes 30 --seed 1 [--transport worker]`. Several streams and random
 * faults, one after the other, from the same table as the fault suite. Prints each minute what the
 * process takes, and in the end whether it takes more and more, and whether the books balance.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { KinesisVideoClient, type Logger } from '../../ts/index.js';
import { seededRandom } from '../../ts/local/faults/random.js';
import { definition } from '../producer/support/media.js';
import { ROWS } from './rows.js';
import { IMPATIENT } from './rows/network.js';
import { secretsIn } from './support/canary.js';
import { titleOf, type FaultRow } from './support/row.js';
import { SoakStream } from './support/soak-stream.js';
import { readStored } from './support/stored.js';
import { transportOptions } from './support/transport.js';
import { amount, sample, slopes, type Sample } from './support/trend.js';
import { World, type Transport } from './support/world.js';

const STREAMS = 3;
const RECOVERY = 10_000;
const MAX_PAUSE = 2000;
const MAX_LENGTH = 5000;
const SAMPLES_PER_MINUTE = 4;

interface Settings {
  readonly minutes: number;
  readonly seed: number;
  readonly transport: Transport;
}

function readSettings(args: readonly string[]): Settings {
  const value = (name: string, otherwise: string): string => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : (args[at + 1] ?? '');
  };
  const minutes = Number(value('--minutes', '30'));
  const seed = Number(value('--seed', '1'));
  const transport = value('--transport', 'main');
  if (!(minutes > 0) || !Number.isInteger(seed) || !['main', 'worker'].includes(transport)) {
    throw new Error('Usage: soak [--minutes N] [--seed N] [--transport main|worker]');
  }
  return { minutes, seed, transport: transport as Transport };
}

/** Faults that strike a stream that flows, leave nothing behind and need nothing special. */
function isForSoak(row: FaultRow): boolean {
  const { when, fatal, repair, namespace, todo, world, lasts = 0 } = row;
  const isSpecial = [when, fatal, repair, namespace, todo].some((value) => value !== undefined);
  return !isSpecial && (world === undefined || world === IMPATIENT) && lasts <= MAX_LENGTH;
}

class Soak {
  readonly #settings: Settings;
  readonly #world: World;
  readonly #client: KinesisVideoClient;
  readonly #random: () => number;
  readonly #began = performance.now();
  readonly #samples: Sample[] = [];
  readonly #problems: string[] = [];
  #streams: SoakStream[] = [];
  #faults = 0;
  #worst = 0;
  #secretsSeen = 0;

  private constructor(settings: Settings, world: World) {
    this.#settings = settings;
    this.#world = world;
    this.#random = seededRandom(settings.seed);
    const tell = (...entry: unknown[]): void => {
      if (secretsIn(inspect(entry, { depth: 8 })).length > 0) this.#secretsSeen += 1;
    };
    const logger: Logger = { trace: tell, debug: tell, info: tell, warn: tell, error: tell };
    this.#client = new KinesisVideoClient({
      region: 'us-west-2',
      credentials: world.credentials.provide,
      endpoint: world.url,
      logger,
      ...transportOptions(settings.transport),
    });
  }

  static async start(settings: Settings): Promise<Soak> {
    // Another process, so that what is measured is the producer.
    const world = await World.start({ ...IMPATIENT, child: true, direct: false });
    const soak = new Soak(settings, world);
    for (let index = 0; index < STREAMS; index += 1) {
      const stream = await soak.#client.createStream(
        definition({ streamName: `soak-${index}`, ...IMPATIENT.stream }),
      );
      soak.#streams.push(new SoakStream(stream, settings.minutes));
    }
    for (const { source } of soak.#streams) source.start();
    return soak;
  }

  async run(): Promise<boolean> {
    const rows = ROWS.filter(isForSoak);
    console.log(`${rows.length} faults, ${STREAMS} streams, seed ${this.#settings.seed}`);
    await this.#recover('the start');
    let nextSample = 0;
    let nextReport = 1;
    while (this.#minutes < this.#settings.minutes) {
      // Between faults everything is as it was before them, but for what has leaked.
      if (this.#minutes >= nextSample) {
        this.#samples.push(sample(this.#minutes));
        nextSample = this.#minutes + 1 / SAMPLES_PER_MINUTE;
      }
      if (this.#minutes >= nextReport) {
        this.#report();
        nextReport += 1;
      }
      await this.#strike(rows[Math.floor(this.#random() * rows.length)] as FaultRow);
    }
    this.#samples.push(sample(this.#minutes));
    this.#report();
    await this.#finish();
    return this.#judge();
  }

  get #minutes(): number {
    return (performance.now() - this.#began) / 60_000;
  }

  async #strike(row: FaultRow): Promise<void> {
    this.#faults += 1;
    await row.inject(this.#world);
    await sleep((0.3 + 0.7 * this.#random()) * (row.lasts ?? 2000));
    await this.#world.heal();
    await this.#recover(titleOf(row));
    await sleep(this.#random() * MAX_PAUSE);
  }

  /** Waits until each stream has something stored that was put from now on. */
  async #recover(after: string): Promise<void> {
    const healed = performance.now();
    const targets = this.#streams.map(({ now }) => now);
    const isBack = (): boolean =>
      this.#streams.every(({ latest }, index) => latest >= (targets[index] ?? 0));
    while (!isBack() && performance.now() - healed < 3 * RECOVERY) await sleep(50);
    const took = performance.now() - healed;
    this.#worst = Math.max(this.#worst, took);
    if (took > RECOVERY) {
      this.#problems.push(`${(took / 1000).toFixed(1)} s to recover from ${after}`);
    }
  }

  #report(): void {
    const last = sample(this.#minutes);
    const sum = (name: 'accepted' | 'persisted' | 'dropped'): number =>
      this.#streams.reduce((total, one) => total + one[name], 0);
    const frames = `frames ${sum('accepted')}/${sum('persisted')}/${sum('dropped')}`;
    console.log(
      `${last.minutes.toFixed(1).padStart(5)} min: RSS ${amount('rss', last.rss)}, ` +
        `heap ${amount('heap', last.heap)}, native ${amount('native', last.native)}, ` +
        `${last.handles} handles, ${last.descriptors} descriptors, ${last.threads} threads, ` +
        `${frames} accepted/persisted/dropped, ${this.#faults} faults`,
    );
  }

  async #finish(): Promise<void> {
    for (const { source } of this.#streams) source.stop();
    await Promise.all(this.#streams.map(({ stream }) => stream.stop({ timeout: 20_000 })));
    for (const one of this.#streams) {
      const { streamName } = one.stream;
      const problems = one.balance(await readStored(this.#world.dataDir, streamName));
      this.#problems.push(...problems.map((problem) => `${one.stream.streamName}: ${problem}`));
    }
    await this.#client.close();
    await this.#world.close();
    if (this.#secretsSeen > 0)
      this.#problems.push(`a secret was logged ${this.#secretsSeen} times`);
  }

  #judge(): boolean {
    console.log(
      `\n${this.#faults} faults, back after ${(this.#worst / 1000).toFixed(1)} s at most`,
    );
    for (const { quantity, perMinute, growth, bound } of slopes(this.#samples)) {
      const isFlat = growth <= bound;
      if (!isFlat) this.#problems.push(`${quantity} grows`);
      console.log(
        `${quantity.padEnd(12)} ${amount(quantity, perMinute)} a minute, ` +
          `${amount(quantity, growth)} over the second half, ${isFlat ? 'within' : 'beyond'} ` +
          `the bound of ${amount(quantity, bound)}`,
      );
    }
    for (const problem of this.#problems) console.log(`FAILED: ${problem}`);
    console.log(this.#problems.length === 0 ? 'flat, and the books balance' : 'FAILED');
    return this.#problems.length === 0;
  }
}

const soak = await Soak.start(readSettings(process.argv.slice(2)));
process.exitCode = (await soak.run()) ? 0 : 1;
