// A room as it is kept: who it is, its stream key and its settings. Not the live room people talk in.
import { z } from 'zod';
import { ROOM_ID_PATTERN } from '../../core/ids.ts';

/** Settings of one room. */
export const roomSettingsSchema = z.strictObject({
  /** Whether guests may send danmaku and likes; the server's setting when left out. */
  guestsMayChat: z.boolean().optional(),
  /** Watching needs a token for this room. */
  private: z.boolean().default(false),
});

export type RoomSettings = z.output<typeof roomSettingsSchema>;

/** A public room name. */
export const roomIdSchema = z.string().regex(ROOM_ID_PATTERN);

/** A kept room. `streamKey` is a secret: it opens publishing. */
export interface RoomRecord {
  readonly id: string;
  readonly title: string;
  readonly streamKey: string;
  /** ms since the Unix epoch */
  readonly createdAt: number;
  readonly settings: RoomSettings;
}
