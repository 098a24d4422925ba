// One-key shortcuts, which stay out of the way of typing and of controls that have their own keys.

/** Calls the action of a key (as `KeyboardEvent.key`, lower case) pressed outside of form fields and buttons. */
export function bindShortcuts(actions: Readonly<Record<string, () => void>>): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest('input, textarea, select, [contenteditable]')) return;
    const key = event.key.toLowerCase();
    // Space and Enter press the button that has the focus.
    if ((key === ' ' || key === 'enter') && target.closest('button')) return;
    const action = actions[key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
