// Sharing the machine between streams.
import t from 'tap';
import { LadderAdmission } from '../../../transcoder/ladder/admission.ts';

t.test('plans with most of the cores, or with what it is given', async (t) => {
  t.equal(new LadderAdmission({ cores: 10 }).budget, 8);
  t.equal(new LadderAdmission({ cores: 10, maxCores: 3 }).budget, 3);
});

t.test('streams share the budget and give their share back once', async (t) => {
  const admission = new LadderAdmission({ cores: 4, maxCores: 2 });
  const first = admission.reserve({ cost: 0.75 });
  const second = admission.reserve({ cost: 1 });
  t.equal(admission.left, 0.25);
  first.release();
  first.release();
  t.equal(admission.left, 1);
  second.release();
  t.same(admission.describe(), { budget: 2, left: 2, reservations: 0 });
});

t.test('more than there is leaves nothing, not less', async (t) => {
  const admission = new LadderAdmission({ cores: 1, maxCores: 1 });
  admission.reserve({ cost: 5 });
  t.equal(admission.left, 0);
});
