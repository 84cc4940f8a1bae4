import { useTranslations } from "use-intl";
import { type Permission, useSession } from "../../session/session";
import { Panel } from "../../show/Panel";
import { Teaching } from "../../show/Teaching";

/** Instead of a page that one's role does not open: who could change that. */
export function Closed({ needs }: { needs: Permission }) {
  const say = useTranslations();
  const role = useSession()?.person?.role;
  return (
    <Panel title={say("settings.closed.title")} flush>
      <Teaching title={role ? say(`person.roles.${role}`) : ""}>
        {say("settings.closed.how", { what: say(`settings.permissions.${needs}`) })}
      </Teaching>
    </Panel>
  );
}
