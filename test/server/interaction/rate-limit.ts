// Token buckets, by table and property.
import fc from 'fast-check';
import t from 'tap';
import { type Bucket, RateLimiter, takeTokens } from '../../../server/interaction/rate-limit.ts';

const rate = { perSecond: 2, burst: 4 };

t.test('a burst goes through, then one by one as time passes', async (t) => {
  let bucket: Bucket | undefined;
  const take = (nowMs: number, cost = 1) => {
    const taking = takeTokens(bucket, rate, cost, nowMs);
    bucket = taking.bucket;
    return taking.allowed ? 'yes' : taking.retryAfterMs;
  };
  t.same([take(0), take(0), take(0), take(0), take(0)], ['yes', 'yes', 'yes', 'yes', 500]);
  t.same([take(250), take(500), take(500)], [250, 'yes', 500]);
  t.same([take(10_000, 4), take(10_000)], ['yes', 500]);
});

t.test('a clock that steps back gives nothing away', async (t) => {
  const { bucket } = takeTokens(undefined, rate, 4, 1000);
  t.equal(takeTokens(bucket, rate, 1, 0).allowed, false);
});

t.test('never more than burst + rate x time is allowed', async () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(2000), cost: fc.integer({ min: 1, max: 4 }) }), {
    maxLength: 100,
  });
  fc.assert(
    fc.property(steps, (list) => {
      let [bucket, nowMs, allowed]: [Bucket | undefined, number, number] = [undefined, 0, 0];
      for (const { waitMs, cost } of list) {
        nowMs += waitMs;
        const taking = takeTokens(bucket, rate, cost, nowMs);
        bucket = taking.bucket;
        if (taking.allowed) allowed += cost;
      }
      return allowed <= rate.burst + (nowMs / 1000) * rate.perSecond + 1e-6;
    }),
  );
});

t.test('keys are apart, refusals say when to come back, and the idlest key is forgotten', async (t) => {
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, 2);
  const spend = (key: string, cost = 1) => limiter.spend(key, cost, { nowMs: 0, what: 'things' });
  spend('a');
  spend('b');
  t.throws(() => spend('a'), { code: 'RATE_LIMITED', retryAfterMs: 1000 });
  t.throws(() => spend('a', 2), { code: 'BAD_REQUEST', message: /at most 1/ });
  spend('c');
  t.equal(limiter.size, 2);
  t.doesNotThrow(() => spend('b'), 'b was forgotten');
});
