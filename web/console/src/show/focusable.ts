/** A part of the page that scrolls sideways can be reached, and scrolled, by the keyboard. */
export const FOCUSABLE = { viewportProps: { tabIndex: 0 } };
