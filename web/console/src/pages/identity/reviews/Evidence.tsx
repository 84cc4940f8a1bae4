import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Schema } from "../../../api/client";
import { useTold } from "../../../language/told";
import { useAmounts } from "../../../show/amounts";
import { useFieldName } from "../../../show/fields";
import { Long } from "../../../show/Long";
import { When } from "../../../show/When";
import { useWritten } from "../../../show/written";
import type { Review } from "../asked";
import classes from "../Identity.module.css";

type Field = Schema["FieldEvidence"];

/** Both sides, field by field: the two values, how alike they are, and what that says. */
export function Evidence({ review }: { review: Review }) {
  const say = useTranslations("identity.reviews");
  const { left, right, evidence } = review;
  const most = Math.max(1, ...evidence.map((one) => Math.abs(one.weight)));
  const told = new Set(evidence.map((one) => one.field));
  const others = [...new Set([left, right].flatMap(compared))].filter((field) => !told.has(field));
  return (
    <>
      <div className={classes.pair}>
        <Text size="xs" c="dimmed" className={classes.field}>
          {say("who")}
        </Text>
        <Side side={left} />
        <Side side={right} />
        <Text size="xs" c="dimmed" className={classes.weight}>
          {say("speaks")}
        </Text>
      </div>
      {evidence.map((one) => (
        <Row key={one.field ?? `- ${one.level}`} one={one} most={most} review={review} />
      ))}
      {others.map((field) => (
        <Row key={field} one={{ field, level: "", code: "", weight: 0 }} review={review} />
      ))}
      <Text size="xs" c="dimmed" px="sm" py="xs">
        {say.rich("found", { when: () => <When at={review.proposed_at} exact /> })}
      </Text>
    </>
  );
}

function Side({ side }: { side: Review["left"] }) {
  const say = useTranslations("identity");
  return (
    <div>
      <Anchor
        fw={600}
        size="sm"
        renderRoot={(props) => (
          <Link to="/customers/$id" params={{ id: String(side.profile_id) }} {...props} />
        )}
      >
        <Long text={side.identifier} />
      </Anchor>
      <Text size="xs" c="dimmed">
        {say("profile", { id: String(side.profile_id) })}
      </Text>
    </div>
  );
}

function Row({ one, most, review }: { one: Field; most?: number; review: Review }) {
  const say = useTranslations("identity.reviews");
  const written = useWritten();
  const called = useFieldName();
  const { field } = one;
  const { word } = useTold();
  const [left, right] = [review.left, review.right].map((side) => side.fields[field ?? ""]);
  const differs = left !== undefined && right !== undefined && left !== right ? true : undefined;
  const swapped = inNames(field) && review.evidence.some((each) => each.code === SWAPPED);
  return (
    <div className={classes.pair} data-field={field ?? ""}>
      <Text size="sm" fw={500} className={classes.field}>
        {field === null ? sentence(word("told.levels", one.code)) : called(field)}
      </Text>
      {[review.left, review.right].map((side) => (
        <Text
          key={side.identifier}
          size="sm"
          className={classes.value}
          data-differs={differs}
          c={field !== null && side.gone.includes(field) ? "dimmed" : undefined}
        >
          {field !== null &&
            (side.gone.includes(field) ? say("gone") : written(side.fields[field]) || "–")}
        </Text>
      ))}
      {most === undefined ? (
        <Text size="xs" c="dimmed" className={classes.weight}>
          {swapped ? say("swapped") : say("notWeighed")}
        </Text>
      ) : (
        <Weight one={one} most={most} />
      )}
    </div>
  );
}

/** What a field says, as a bar to the left for two people and to the right for one. */
function Weight({ one, most }: { one: Field; most: number }) {
  const say = useTranslations("identity.reviews");
  const { decimal } = useAmounts();
  const { weight, code, field } = one;
  const { word } = useTold();
  const verdict = weight > 0.05 ? "for" : weight < -0.05 ? "against" : "nothing";
  const width = `${(50 * Math.abs(weight)) / most}%`;
  return (
    <div className={classes.weight}>
      <div className={classes.bar} aria-hidden>
        {verdict !== "nothing" && <span data-side={verdict} style={{ width }} />}
      </div>
      <Text size="xs" c="dimmed">
        <span className="figures">
          {weight > 0 ? "+" : weight < 0 ? "−" : ""}
          {decimal(Math.abs(weight))}
        </span>{" "}
        {say(`says.${verdict}`)}
        {field !== null && code !== "" && ` · ${word("told.levels", code)}`}
      </Text>
    </div>
  );
}

/** What a model calls it when one's given name is the other's family name, and the reverse. */
const SWAPPED = "given_and_family_name_swapped";

const inNames = (field: string | null) => field === "given_name" || field === "family_name";

const compared = (side: Review["left"]) => [...Object.keys(side.fields), ...side.gone];

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
