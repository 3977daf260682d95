/** Runs one row: streams, breaks, repairs, measures, stops, and balances the books. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KinesisVideoError, type StopResult } from '../../../ts/index.js';
import { secretsIn } from './canary.js';
import { Leaks } from './leaks.js';
import { balance, type Balance } from './ledger.js';
import { titleOf, type FaultRow, type Outcome } from './row.js';
import { World, type Transport } from './world.js';

/** A producer is back within so many milliseconds of the repair. */
const RECOVERY = 10_000;
const WARM_UP = 10_000;
const LASTS = 2000;
/** Media that is streamed after the recovery. */
const AFTERWARDS = 600;
const STOP = 12_000;
/** How often a program tries to make a stream that cannot be made. */
const CREATE_PAUSE = 250;

/** Runs a row from nothing to nothing. Never rejects. */
export async function runRow(row: FaultRow, transport: Transport): Promise<Outcome> {
  const began = performance.now();
  const problems: string[] = [];
  const leaks = Leaks.now();
  const late = (error: unknown): void => {
    problems.push(`an error that nobody caught: ${describe(error)}`);
  };
  process.on('unhandledRejection', late).on('uncaughtException', late);
  let run: Run | undefined;
  let sums: Balance = { accepted: 0, persisted: 0, dropped: 0, problems: [] };
  try {
    const options = typeof row.world === 'function' ? row.world() : row.world;
    run = new Run(row, await World.start(options, transport));
    sums = await run.go();
    problems.push(...sums.problems);
  } catch (error) {
    problems.push(describe(error));
  }
  try {
    await run?.world.close();
    problems.push(...(await leaks.find()));
  } catch (error) {
    problems.push(`closing failed: ${describe(error)}`);
  }
  process.off('unhandledRejection', late).off('uncaughtException', late);
  const { accepted, persisted, dropped } = sums;
  const took = performance.now() - began;
  return {
    title: titleOf(row),
    recovery: run?.recovery,
    accepted,
    persisted,
    dropped,
    problems,
    took,
  };
}

class Run {
  readonly world: World;
  readonly #row: FaultRow;
  readonly #problems: string[] = [];
  recovery: number | undefined;

  constructor(row: FaultRow, world: World) {
    this.#row = row;
    this.world = world;
  }

  async go(): Promise<Balance> {
    const { when = 'streaming', fatal } = this.#row;
    if (when === 'start' && fatal !== undefined) return await this.#refuseToStart(fatal);
    if (when === 'start') await this.#strikeAtStart();
    else {
      await this.world.open();
      await this.#warmUp();
      if (fatal !== undefined) await this.#strikeDead(fatal);
      else if (when === 'streaming') await this.#strike();
    }
    const result = when === 'stop' ? await this.#strikeAtStop() : await this.#stop();
    this.#checkErrors();
    return await this.#settle(result);
  }

  async #warmUp(): Promise<void> {
    const first = await this.world.recorder.persistedFrom(
      () => this.world.source.firstKeyFrameSince(0),
      WARM_UP,
    );
    if (first === undefined) throw new Error('nothing was stored before the fault');
  }

  async #strike(): Promise<void> {
    await this.#row.inject(this.world);
    await sleep(this.#row.lasts ?? LASTS);
    await this.#recover();
  }

  /** The stream cannot be made, and trying again would not help. */
  async #refuseToStart(code: string): Promise<Balance> {
    await this.#row.inject(this.world);
    try {
      await this.world.open(AbortSignal.timeout(RECOVERY));
      this.#problems.push('the stream was made');
    } catch (error) {
      this.world.recorder.failed(error);
    }
    const told = this.world.recorder.errors.at(-1)?.code ?? 'no error of ours';
    if (told !== code) this.#problems.push(`told ${told} instead of ${code}`);
    const problems = [...this.#problems, ...this.#secrets()];
    return { accepted: 0, persisted: 0, dropped: 0, problems };
  }

  #secrets(): string[] {
    return secretsIn(this.world.recorder.text).map((secret) => `"${secret}" was told`);
  }

  /** The stream cannot be made at first; whoever needs it tries until it can. */
  async #strikeAtStart(): Promise<void> {
    await this.#row.inject(this.world);
    const met = Promise.all([sleep(this.#row.lasts ?? LASTS), this.#untilMet()]);
    await Promise.all([this.#openPersistently(), met.then(() => this.#recover())]);
  }

  /** A producer that is slow to start must not miss the fault. */
  async #untilMet(): Promise<void> {
    const { code } = this.#row;
    const deadline = performance.now() + RECOVERY;
    const isMet = (): boolean => code === undefined || this.world.recorder.codes.has(code);
    while (!isMet() && performance.now() < deadline) await sleep(20);
  }

  async #openPersistently(): Promise<void> {
    for (;;) {
      try {
        await this.world.open();
        return;
      } catch (error) {
        this.world.recorder.failed(error);
        if (!(error instanceof KinesisVideoError) || !error.retryable) throw error;
        await sleep(CREATE_PAUSE);
      }
    }
  }

  /** Repairs, and waits for media from after the repair. */
  async #recover(): Promise<void> {
    await (this.#row.repair ?? ((world) => world.heal()))(this.world);
    const repaired = performance.now();
    const { recorder } = this.world;
    const key = (): number | undefined =>
      this.world.hasStream ? this.world.source.firstKeyFrameSince(repaired) : undefined;
    const back = await recorder.persistedFrom(key, 2 * RECOVERY);
    if (back === undefined) {
      const state = this.world.hasStream ? this.world.stream.state : 'never made';
      this.#problems.push(`not back after ${(2 * RECOVERY) / 1000} s (${state})`);
      return;
    }
    this.recovery = back.at - repaired;
    if (this.recovery > RECOVERY) {
      this.#problems.push(`back after ${(this.recovery / 1000).toFixed(1)} s only`);
    }
    const health = this.world.stream.health.state;
    if (health !== 'healthy') this.#problems.push(`back, but its health is ${health}`);
    await sleep(AFTERWARDS);
  }

  /** The fault stays, and the stream has to say that it is over. */
  async #strikeDead(code: string): Promise<void> {
    await this.#row.inject(this.world);
    const deadline = performance.now() + RECOVERY;
    while (this.world.stream.state !== 'failed' && performance.now() < deadline) await sleep(50);
    const { state } = this.world.stream;
    if (state !== 'failed') this.#problems.push(`the stream is ${state} and not failed`);
    await sleep(100);
    const { errors } = this.world.recorder;
    const last = errors.at(-1)?.code ?? 'no error';
    if (last !== code) this.#problems.push(`the stream failed with ${last} instead of ${code}`);
    this.recovery = undefined;
  }

  async #strikeAtStop(): Promise<StopResult | undefined> {
    await this.#row.inject(this.world);
    const stopped = this.#stop(2 * RECOVERY + (this.#row.lasts ?? LASTS));
    await sleep(this.#row.lasts ?? LASTS);
    await (this.#row.repair ?? ((world) => world.heal()))(this.world);
    const repaired = performance.now();
    const result = await stopped;
    this.recovery = Math.max(0, performance.now() - repaired);
    if (this.recovery > RECOVERY) this.#problems.push('stop took too long after the repair');
    return result;
  }

  async #stop(timeout = STOP): Promise<StopResult | undefined> {
    this.world.source.stop();
    const { fatal } = this.#row;
    try {
      const result = await this.world.stream.stop({ timeout });
      if (fatal !== undefined) this.#problems.push('stop of a failed stream does not tell');
      if (!result.complete) {
        this.#problems.push(`stop left ${result.undeliveredFrames} frames undelivered`);
      }
      return result;
    } catch (error) {
      this.world.recorder.failed(error);
      if (!(error instanceof KinesisVideoError) || error.code !== fatal) throw error;
      return undefined;
    }
  }

  #checkErrors(): void {
    const { recorder } = this.world;
    const { code, drops } = this.#row;
    const { codes } = recorder;
    if (code !== undefined && !codes.has(code)) {
      this.#problems.push(`told ${[...codes].join(', ') || 'no error'} instead of ${code}`);
    }
    for (const stranger of recorder.strangers) {
      this.#problems.push(`an error without a code: ${describe(stranger)}`);
    }
    const allowed = new Set<string>(drops?.reasons ?? []);
    for (const { reason, frames } of recorder.drops) {
      if (!allowed.has(reason)) this.#problems.push(`dropped ${frames} frames: ${reason}`);
    }
    if (drops?.must === true && recorder.drops.length === 0) {
      this.#problems.push('dropped nothing');
    }
    const refused = [...this.world.source.refused].filter(([name]) => name !== this.#row.fatal);
    for (const [name, count] of refused) {
      this.#problems.push(`${count} frames were refused with ${name}`);
    }
  }

  async #settle(result: StopResult | undefined): Promise<Balance> {
    const { recorder, source, stream } = this.world;
    const { metrics } = stream;
    const sums = balance({
      accepted: source.accepted,
      stored: await this.world.stored(),
      drops: recorder.drops,
      acks: recorder.acks,
      metrics,
      undelivered: recorder.undelivered,
    });
    recorder.say([stream, metrics, result]);
    if (process.env['KVS_FAULTS_LOG'] === '1') process.stdout.write(recorder.text);
    const own = await this.#row.check?.(this.world);
    const problems = [...this.#problems, ...sums.problems, ...this.#secrets()];
    return { ...sums, problems: own === undefined ? problems : [...problems, own] };
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
