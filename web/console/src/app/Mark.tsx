/** The sign of the product; its name stands beside it, or in the title. */
export function Mark({ size }: { size: number }) {
  return <img src="/console/mark.svg" alt="" width={size} height={size} />;
}
