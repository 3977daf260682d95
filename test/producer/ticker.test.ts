import * as assert from 'uvu/assert';
import type { NativeStream } from '../../ts/internal/native.js';
import { Ticker } from '../../ts/producer/ticker.js';
import { suite } from '../support/suite.js';

const test = suite('ticker');

/** A core whose ticks answer what the test says, one after the other. */
function core(...delays: number[]): { native: NativeStream; readonly ticks: number } {
  const state = { ticks: 0 };
  const tick = (): number => delays[state.ticks++] ?? Infinity;
  return {
    native: { tick } as unknown as NativeStream,
    get ticks() {
      return state.ticks;
    },
  };
}

const sleep = (milliseconds: number): Promise<unknown> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

test('the core is asked again when it wants to be, and never when nothing is due', async () => {
  const made = core(30, Infinity);
  let told = 0;
  const ticker = new Ticker(made.native, () => {
    told += 1;
  });
  ticker.tick();
  assert.is(made.ticks, 1);
  await sleep(80);
  assert.is(made.ticks, 2);
  await sleep(50);
  assert.is(made.ticks, 2);
  assert.is(told, 2);
});

test('a tick that makes another one due is followed by it at once', () => {
  const made = core(10_000, 20, Infinity);
  const ticker = new Ticker(made.native, () => {
    if (made.ticks === 1) ticker.tick();
  });
  ticker.tick();
  assert.is(made.ticks, 2);
  ticker.stop();
});

test('one timer serves for frames that put off what is due', async () => {
  const made = core(40, 60, 80, Infinity);
  const ticker = new Ticker(made.native, () => undefined);
  ticker.tick();
  ticker.tick();
  ticker.tick();
  await sleep(100);
  assert.is(made.ticks, 4, 'the first timer asks again');
});

test('a stopped ticker does nothing more, and a far time does not overflow', async () => {
  const made = core(1e15, 10);
  const ticker = new Ticker(made.native, () => undefined);
  ticker.tick();
  await sleep(30);
  assert.is(made.ticks, 1);
  ticker.tick();
  ticker.stop();
  await sleep(40);
  assert.is(made.ticks, 2);
});
