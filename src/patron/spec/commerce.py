"""The commerce vocabulary: event names of the tracking protocol whose fields are typed."""

from __future__ import annotations

ORDER_EVENTS = frozenset({"Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"})
"""Events that say something of one order, named by ``order_id``."""

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
        "Payment Info Entered",
        "Coupon Applied",
    }
)
"""Events whose typed fields must be right; one that is not is quarantined, not guessed at."""
