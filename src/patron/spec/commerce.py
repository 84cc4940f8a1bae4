"""The commerce vocabulary: event names of the tracking protocol whose fields are typed."""

from __future__ import annotations

ORDER_STATES = frozenset({"Order Completed", "Order Updated", "Order Cancelled"})
"""Events that say what an order is, named by ``order_id``, as a whole: the latest counts."""

TELLING = frozenset({"Order Completed", "Order Updated"})
"""Those of them that say its amounts and lines; the first places it."""

RETURNED = "Product Returned"
"""The event of one product of an order that was brought back: a refund of its line."""

REFUNDS = frozenset({"Order Refunded", RETURNED})
"""Events that give money or goods back."""

ORDER_CHANGES = REFUNDS | {"Order Exchanged"}
"""Events that give something back, or other things in its place; all of them count."""

ORDER_EVENTS = ORDER_STATES | ORDER_CHANGES
"""Events that say something of one order."""

ORDERED = "Order Completed"
"""The event of an order; it closes a cart."""

CART_STAGES = {
    "cart": "Product Added",
    "checkout": "Checkout Started",
    "shipping": "Shipping Info Entered",
    "payment": "Payment Info Entered",
}
"""The events that a cart is made of, by the stage that each shows, the furthest last."""

PRODUCT_EVENTS = frozenset(
    {
        "Product Clicked",
        "Product Viewed",
        "Product Added",
        "Product Removed",
        "Product Added to Wishlist",
        "Product Removed from Wishlist",
        "Wishlist Product Added to Cart",
        "Product Shared",
        "Product Reviewed",
        RETURNED,
    }
)
"""Events about one product, whose fields stand in the properties themselves."""

COMMERCE_EVENTS = (
    ORDER_EVENTS
    | PRODUCT_EVENTS
    | {
        "Product List Viewed",
        "Product List Filtered",
        "Cart Viewed",
        "Checkout Started",
        "Shipping Info Entered",
        "Payment Info Entered",
        "Coupon Applied",
    }
)
"""Events whose typed fields must be right; one that is not is quarantined, not guessed at."""
