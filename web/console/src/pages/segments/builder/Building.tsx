import { createContext, useContext } from "react";
import type { Ruling } from "./useRule";

interface Building extends Ruling {
  /** The part whose text is marked. */
  marked: string | null;
  mark: (id: string | null) => void;
  /** How many customers there are. */
  total: number | undefined;
}

export const BuildingContext = createContext<Building | null>(null);

/** The rule that is being built around here. */
export function useBuilding(): Building {
  const building = useContext(BuildingContext);
  if (!building) throw new Error("This part stands in no builder.");
  return building;
}
