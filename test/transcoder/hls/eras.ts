// Discontinuities are numbered alike for every rendition of a stream.
import t from 'tap';
import { Eras } from '../../../transcoder/hls/eras.ts';

const S = 1_000_000;

t.test('the first segments of all renditions are in era 0, flagged or not', async (t) => {
  const eras = new Eras();
  t.equal(eras.enter({ era: undefined, startUs: 10 * S, flagged: true }), 0);
  t.equal(eras.enter({ era: undefined, startUs: 11 * S, flagged: false }), 0);
});

t.test('renditions that see the same event a little apart share one era', async (t) => {
  const eras = new Eras();
  t.equal(eras.enter({ era: 0, startUs: 100 * S, flagged: true }), 1);
  t.equal(eras.enter({ era: 0, startUs: 100.3 * S, flagged: true }), 1);
  t.equal(eras.enter({ era: 0, startUs: 99 * S, flagged: true }), 1);
});

t.test('a rendition that saw nothing follows at its next segment, one that lags does not yet', async (t) => {
  const eras = new Eras();
  eras.enter({ era: 0, startUs: 100 * S, flagged: true });
  t.equal(eras.enter({ era: 0, startUs: 98 * S, flagged: false }), 0);
  t.equal(eras.enter({ era: 0, startUs: 102 * S, flagged: false }), 1);
  t.equal(eras.enter({ era: 1, startUs: 104 * S, flagged: false }), 1);
});

t.test('the same rendition flagged twice opens two', async (t) => {
  const eras = new Eras();
  const first = eras.enter({ era: 0, startUs: 100 * S, flagged: true });
  t.equal(eras.enter({ era: first, startUs: 100.5 * S, flagged: true }), 2);
  t.equal(
    eras.enter({ era: undefined, startUs: 101 * S, flagged: true }),
    2,
    'a late one starts in the newest',
  );
});

t.test('what is remembered is bounded', async (t) => {
  const eras = new Eras();
  let era = 0;
  for (let n = 1; n <= 1000; n++) era = eras.enter({ era, startUs: n * S, flagged: true });
  t.equal(era, 1000);
  t.equal(eras.latest, 1000);
});
