// Environment and flags: how a name finds its setting.
import fc from 'fast-check';
import t from 'tap';
import { settings } from '../../config/settings.ts';
import { readEnvironment, readFlags } from '../../config/sources.ts';

t.test('an environment name finds its setting whatever its case and single underscores', async (t) => {
  for (const name of ['BARRAGE_INSECUREPUBLIC', 'barrage_insecure_public', 'BARRAGE_insecurePublic']) {
    t.match(readEnvironment({ [name]: 'true' }), [{ path: ['insecurePublic'], value: true }]);
  }
  t.match(readEnvironment({ BARRAGE_HTTP__TLS__CERT: 'a.pem' }), [
    { path: ['http', 'tls', 'cert'], value: 'a.pem' },
  ]);
});

t.test('other variables of the environment are left alone', async (t) => {
  t.same(readEnvironment({ PATH: '/bin', BARRAGEX: '1', BARRAGE_HTTP__PORT: undefined }), []);
});

t.test('a list in the environment is JSON', async (t) => {
  const rungs = [{ name: '240p', height: 240, videoKbps: 300 }];
  t.match(readEnvironment({ BARRAGE_LADDER__RUNGS: JSON.stringify(rungs) }), [{ value: rungs }]);
});

t.test('booleans may be said in several ways', async (t) => {
  for (const [text, value] of Object.entries({
    1: true,
    yes: true,
    on: true,
    0: false,
    FALSE: false,
    off: false,
  })) {
    t.match(readEnvironment({ BARRAGE_DEMO: text }), [{ value }]);
  }
});

t.test('flags take their value after = or as the next argument', async (t) => {
  t.match(readFlags(['--http.port=1', '--rtmp.port', '2', '--demo', '--config', 'a.yaml']), {
    values: [{ value: 1 }, { value: 2 }, { path: ['demo'], value: true }],
    configFile: 'a.yaml',
    action: 'run',
  });
  t.match(readFlags(['--config=b.yaml', '--demo=false']), {
    configFile: 'b.yaml',
    values: [{ value: false }],
  });
});

t.test('flags may be written with dashes for capitals', async (t) => {
  t.match(readFlags(['--insecure-public']).values, [{ path: ['insecurePublic'], value: true }]);
});

t.test('help and version are actions', async (t) => {
  t.equal(readFlags(['--help']).action, 'help');
  t.equal(readFlags(['-h']).action, 'help');
  t.equal(readFlags(['--version']).action, 'version');
});

t.test('what is no flag is refused, with what was meant', async (t) => {
  const wrong: [args: string[], message: RegExp][] = [
    [['port'], /"port" is not a flag/],
    [['--http.prot=1'], /--http\.prot is not a setting; did you mean --http\.port\?/],
    [['--demoo'], /did you mean --demo\?/],
    [['--http.port'], /--http\.port needs a value/],
    [['--config'], /--config needs a file name/],
    [['--http.port', '--demo'], /--http\.port needs a value/],
  ];
  for (const [args, message] of wrong) t.throws(() => readFlags(args), { code: 'CONFIG_INVALID', message });
});

t.test('any list of arguments is read or refused with CONFIG_INVALID', async (t) => {
  const name = fc.oneof(fc.string(), fc.constantFrom(...settings.map((each) => `--${each.path.join('.')}`)));
  fc.assert(
    fc.property(fc.array(fc.oneof(name, fc.string()), { maxLength: 6 }), (args) => {
      try {
        readFlags(args);
      } catch (error) {
        t.match(error, { code: 'CONFIG_INVALID' });
      }
    }),
  );
});
