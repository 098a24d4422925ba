// Rooms and stream keys, on a real database.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t, { type Test } from 'tap';
import { RoomRegistry } from '../../../server/rooms/room-registry.ts';
import { RoomStore } from '../../../server/rooms/room-store.ts';

function open(t: Test, dir = t.testdir(), maxRooms = 10) {
  const store = RoomStore.open(dir);
  t.teardown(() => store.close());
  return { store, dir, registry: new RoomRegistry(store, maxRooms) };
}

t.test('a stream key opens its room until it is rotated or the room deleted', async (t) => {
  const { registry } = open(t);
  const { streamKey } = registry.create({ id: 'r1' });
  registry.create({ id: 'r2' });
  t.equal(registry.findByStreamKey(streamKey)?.id, 'r1');
  t.equal(registry.findByStreamKey('guess'), undefined);
  t.equal(registry.findByStreamKey(''), undefined);
  const rotated = registry.rotateStreamKey('r1');
  t.equal(registry.findByStreamKey(streamKey), undefined);
  t.equal(registry.findByStreamKey(rotated.streamKey)?.id, 'r1');
  registry.delete('r1');
  t.equal(registry.findByStreamKey(rotated.streamKey), undefined);
  t.throws(() => registry.require('r1'), { code: 'ROOM_NOT_FOUND' });
});

t.test('rooms are read back as they were', async (t) => {
  const { registry, store, dir } = open(t);
  registry.create({ id: 'r1', title: 'Ünï', settings: { guestsMayChat: false } });
  registry.create({ id: 'r2' });
  registry.patch('r2', { settings: { private: true } });
  store.setLikes('r1', 7);
  store.close();
  const again = open(t, dir);
  t.same(again.registry.list(), registry.list());
  t.equal(again.store.getLikes('r1'), 7);
  t.equal(again.store.getLikes('nowhere'), 0);
});

t.test('ids are unique and well-formed, and rooms are limited', async (t) => {
  const { registry } = open(t, undefined, 2);
  registry.create({ id: 'r1' });
  t.throws(() => registry.create({ id: 'r1' }), { code: 'CONFLICT' });
  t.throws(() => registry.create({ id: '-r' }), { code: 'BAD_REQUEST' });
  registry.create({});
  t.throws(() => registry.create({}), { code: 'OVERLOADED' });
});

t.test('the database is readable by its owner alone', async (t) => {
  const { dir, registry } = open(t);
  registry.create({});
  t.equal(statSync(join(dir, 'barrage.sqlite')).mode & 0o777, 0o600);
  t.equal(statSync(join(dir, 'barrage.sqlite-wal')).mode & 0o777, 0o600);
});

t.test('a database of a newer server, or none at all, is refused with the reason', async (t) => {
  const dir = t.testdir({
    bad: { 'barrage.sqlite': 'this is no database, but it is long enough to be read as one' },
  });
  const database = new DatabaseSync(join(dir, 'barrage.sqlite'));
  database.exec('PRAGMA user_version = 999');
  database.close();
  t.throws(() => RoomStore.open(dir), { code: 'UNAVAILABLE', message: /version 999.*newer server/ });
  t.throws(() => RoomStore.open(join(dir, 'bad')), { code: 'UNAVAILABLE', message: /cannot be used/ });
});
