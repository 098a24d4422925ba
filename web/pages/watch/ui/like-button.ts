// The like button: counts taps at once, shows the room's total, and lets hearts rise for everybody's likes.
import type { LikeSender, RoomClient } from '../../../sdk/index.ts';
import { formatCount } from '../phrases.ts';
import { requireElement } from './element.ts';
import { Hearts } from './hearts.ts';

/** Wires the button to the room; returns what a tap does, for the keyboard. */
export function createLikeButton(room: RoomClient, sender: LikeSender): () => void {
  const button = requireElement('like', HTMLButtonElement);
  const total = requireElement('likes', HTMLElement);
  const hearts = new Hearts(requireElement('hearts', HTMLElement));
  let known = 0;
  const tap = () => {
    sender.tap();
    hearts.burst(1);
    button.classList.remove('beat');
    // Reading the layout restarts the animation for the next tap.
    void button.offsetWidth;
    button.classList.add('beat');
  };
  button.addEventListener('click', tap);
  sender.on('shown', (shown) => {
    total.textContent = formatCount(shown);
    total.title = String(shown);
  });
  room.on('hello', (hello) => {
    known = hello.snapshot.likes;
    sender.maxPerSend = hello.limits.likesPerSecond;
    sender.resetTotal(known);
  });
  room.on('likes', (likes) => {
    const others = likes - Math.max(known, sender.shown);
    if (others > 0) hearts.burst(Math.ceil(others / 2));
    known = likes;
    sender.setTotal(likes);
  });
  return tap;
}
