// The ramp against loads whose limit is known.
import t from 'tap';
import { ramp } from '../../../../bench/instruments/load/load-ramp.ts';

const never = new AbortController().signal;

async function rampTo(limit: number, max = 10_000) {
  return ramp({
    ...{ start: 100, factor: 2, max, signal: never },
    step: async (offered) => offered,
    broken: (carried) => (carried > limit ? `${carried} above ${limit}` : undefined),
  });
}

t.test('the knee is found between the last good and the first broken step', async (t) => {
  const { steps, knee, firstBroken } = await rampTo(1000);
  t.same(
    steps.map(({ offered }) => offered),
    [100, 200, 400, 800, 1000, 1200, 1600],
  );
  t.equal(knee?.offered, 1000);
  t.equal(firstBroken?.offered, 1200);
  t.equal(firstBroken?.broken, '1200 above 1000');
});

t.test('a load that breaks at once has no knee, one that never breaks ends at the maximum', async (t) => {
  t.match(await rampTo(10), { knee: undefined, firstBroken: { offered: 25 } });
  const endless = await rampTo(1e9, 1000);
  t.equal(endless.knee?.offered, 1000);
  t.equal(endless.firstBroken, undefined);
});

t.test(
  'a step that broke by accident is tried again, one that breaks for good is not for ever',
  async (t) => {
    const tried: string[] = [];
    const { knee, firstBroken } = await ramp({
      ...{ start: 1, factor: 2, max: 4, refinements: 0, attempts: 2, signal: never },
      step: async (offered, attempt) => {
        tried.push(`${offered}/${attempt}`);
        return { offered, isBroken: offered === 4 || (offered === 2 && attempt === 1) };
      },
      broken: ({ isBroken }) => (isBroken ? 'too much' : undefined),
    });
    t.same(tried, ['1/1', '2/1', '2/2', '4/1', '4/2']);
    t.equal(knee?.offered, 2);
    t.equal(firstBroken?.offered, 4);
  },
);

t.test('an aborted ramp hands over the steps so far', async (t) => {
  const controller = new AbortController();
  const { steps } = await ramp({
    ...{ start: 1, factor: 2, max: 1000, signal: controller.signal },
    step: async (offered) => {
      if (offered >= 4) controller.abort();
    },
    broken: () => undefined,
  });
  t.same(
    steps.map(({ offered }) => offered),
    [1, 2, 4],
  );
});
