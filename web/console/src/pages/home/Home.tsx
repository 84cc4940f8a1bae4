import { Box, SimpleGrid, Stack } from "@mantine/core";
import { useTranslations } from "use-intl";
import { PageHead } from "../../show/PageHead";
import { Attention } from "./Attention";
import { Counts } from "./Counts";
import { Inflow } from "./Inflow";
import { Moved } from "./Moved";

/** What somebody looks at first in the morning. */
export function Home() {
  const say = useTranslations("home");
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={say("title")} />
      <Stack gap="md">
        <Counts />
        <Inflow />
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Attention />
          <Moved />
        </SimpleGrid>
      </Stack>
    </Box>
  );
}
