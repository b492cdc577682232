// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QLabel>
#include <QWidget>

namespace weir::gui {

/// "↓ 12.3 Mbit/s  ↑ 1.20 Mbit/s": a rate in both directions, with arrows and words for screen readers.
class RateLabel : public QWidget
{
    Q_OBJECT
public:
    enum class Size { Normal, Large };

    explicit RateLabel(Size size, QWidget *parent = nullptr);
    void setRate(const dbus::Rate &rate);
    /// Greys the figures: they are of the past.
    void setStale(bool stale);
    QString downText() const { return m_down->text(); }
    QString upText() const { return m_up->text(); }

private:
    void applyColours();

    QLabel *m_downArrow;
    QLabel *m_down;
    QLabel *m_upArrow;
    QLabel *m_up;
    int m_arrowSize;
    bool m_stale = false;
};

/// A caption over a pair of totals: "Internet / ↓ 12.3 GB ↑ 1.20 GB".
class TotalsLabel : public QWidget
{
    Q_OBJECT
public:
    explicit TotalsLabel(const QString &caption, QWidget *parent = nullptr);
    void setTraffic(const dbus::Traffic &traffic, const QString &tip);
    void setUnknown(const QString &tip);
    QString text() const { return m_figures->text(); }

private:
    QString m_caption;
    QLabel *m_figures;
};

/// A label in the dimmed colour.
QLabel *dimLabel(const QString &text = {}, QWidget *parent = nullptr);

/// A label whose text is cut at the end where there is no room; the whole text is its tip.
class ElidedLabel : public QLabel
{
    Q_OBJECT
public:
    explicit ElidedLabel(QWidget *parent = nullptr);
    void setFullText(const QString &text);
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void elide();
    QString m_text;
};

} // namespace weir::gui
