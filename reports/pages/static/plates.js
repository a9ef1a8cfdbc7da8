// A plate's key in any spelling, as validate/plates.py makes it: capitals, no separators, look-alikes in Latin.
"use strict";

const GONE = /[\p{M}\p{Z}\p{C}\p{Pd}\p{Pc}]/u;

/** Makes the function from a plate to its key; `latin` and `separators` are the data of validate/plates.py. */
export function keyed(latin, separators) {
  const fold = (text) => [...text.normalize("NFKC").toUpperCase().normalize("NFKD")]
    .filter((letter) => !GONE.test(letter) && !separators.includes(letter))
    .map((letter) => latin[letter] ?? letter).join("");
  return (text) => {
    let key = fold(text);
    for (let again; (again = fold(key)) !== key;) key = again;
    return key;
  };
}
